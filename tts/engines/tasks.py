"""Parts of a task, and the recording of a whole one."""

from collections.abc import Sequence
from dataclasses import replace

from tts.audio.join import join
from tts.engines.base import Speech, SpeechTask


def only(task: SpeechTask, numbers: frozenset[int], *, keep: bool) -> SpeechTask:
    """`task` with the sentences of these numbers, or with all others."""
    if not numbers and not keep:
        return task
    chosen = (sentence for number, sentence in enumerate(task.sentences) if (number in numbers) is keep)
    return replace(task, sentences=tuple(chosen))


def joined(task: SpeechTask, pieces: Sequence[Speech]) -> Speech:
    """The recording of the whole task. Pauses follow the rate of speech, breaks asked for do not."""
    pauses = [
        sentence.pause_after_seconds / task.rate_of(sentence) + sentence.break_after_seconds
        for sentence in task.sentences
    ]
    for number, sentence in enumerate(task.sentences[1:]):
        pauses[number] += sentence.break_before_seconds
    return join(pieces, pauses, lead_in_seconds=task.sentences[0].break_before_seconds)


def characters_of(task: SpeechTask) -> float:
    """As many as take equally long at the rate of the task alone."""
    return sum(len(sentence.text) / sentence.rate for sentence in task.sentences)
