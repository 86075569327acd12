/** The pages about one request: its audio, and what changes while it is under way. */
import { follow } from "./request_live.js";
import { startPlayers } from "./request_player.js";

startPlayers(document);
for (const element of document.querySelectorAll("[data-live]")) {
  if (element instanceof HTMLElement) follow(element);
}
