"""Names of models as pages write them."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

BREAK = mark_safe("_<wbr>")


@register.filter
def breakable(name: str) -> SafeString:
    """The name, which a narrow column may break after an underscore and nowhere else."""
    return format_html_join(BREAK, "{}", ([part] for part in name.split("_")))
