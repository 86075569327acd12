"""Why no more exports may be asked for, and what to do about it, for people."""

from django.utils.timezone import localtime
from django.utils.translation import gettext

from tts.services.export_bounds import ExportRefused, TooManyAtOnce, TooManyToday, TooMuchKept


def refusal_text(refused: ExportRefused) -> str:
    """In the language and the time zone of whoever looks."""
    match refused:
        case TooManyAtOnce(of_asker=True):
            told = gettext(
                "No more than %(allowed)s exports of yours may wait or be written at once. Ask again when one of them"
                " is ready."
            )
        case TooManyAtOnce():
            told = gettext(
                "No more than %(allowed)s exports may wait or be written at once. Ask again when one of them is ready."
            )
        case TooManyToday():
            told = gettext(
                "No more than %(allowed)s exports may be asked for in 24 hours. Ask again after %(when)s, or use one"
                " of them."
            )
        case TooMuchKept():
            told = gettext(
                "Exports that are kept take all the room there is (%(allowed)s MB). Ask again after %(when)s, when"
                " the first of them goes, or use one of them."
            )
        case _:
            raise TypeError(type(refused).__name__)
    return told % {"allowed": refused.allowed, "when": f"{localtime(refused.again_at):%Y-%m-%d %H:%M}"}
