"""How commands tell what a service refused: in one line."""

from django.core.exceptions import ValidationError


def told(problem: ValidationError) -> str:
    """Each field of a refusal and what is wrong with it."""
    if not hasattr(problem, "error_dict"):
        return " ".join(problem.messages)
    return "; ".join(f"{field}: {' '.join(texts)}" for field, texts in problem.message_dict.items())
