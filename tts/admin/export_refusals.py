"""Why no more exports may be asked for, and what to do about it, for people."""

from django.utils.timezone import localtime
from django.utils.translation import gettext

from tts.services.export_bounds import ExportRefused, TooManyAtOnce, TooManyToday, TooMuchKept


def refusal_text(refused: ExportRefused) -> str:
    """In the language and the time zone of whoever looks."""
    match refused:
        case TooManyAtOnce(of_asker=True):
            told = gettext(
                "You have as many exports waiting or being written as you may (%(allowed)s). Ask again when one of"
                " them is ready."
            )
        case TooManyAtOnce():
            told = gettext(
                "As many exports wait or are being written as may (%(allowed)s). Ask again when one of them is ready."
            )
        case TooManyToday():
            told = gettext(
                "As many exports were asked for in the last 24 hours as may be (%(allowed)s). Ask again after"
                " %(when)s, or use one of them."
            )
        case TooMuchKept():
            told = gettext(
                "Exports that are kept take all the room there is (%(allowed)s MB). Ask again after %(when)s, when"
                " the first of them goes, or use one of them."
            )
        case _:
            raise TypeError(type(refused).__name__)
    return told % {"allowed": refused.allowed, "when": f"{localtime(refused.again_at):%Y-%m-%d %H:%M}"}
