"""Figures of the page about usage."""

from django import template

register = template.Library()


@register.filter
def grouped(value: float) -> str:
    """A whole number with commas between thousands in every language, as other pages of the admin have them."""
    return f"{round(value):,}"
