"""Pages whose data the API has under an address of its own."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.core.api.views import ApiView

Page = Callable[..., HttpResponse]


def also_as_data(view: type[ApiView]) -> Callable[[Page], Callable[..., HttpResponseBase]]:
    """With `format` a page's address is answered by this view of the API: the same code, the same shape."""
    answer = view.as_view()

    def decorate(page: Page) -> Callable[..., HttpResponseBase]:
        @wraps(page)
        def answered(request: HttpRequest, **gaps: object) -> HttpResponseBase:
            kind = request.GET.get("format")
            if kind in (None, "html"):
                return page(_without_format(request), **gaps)
            # The two may name the gap of an address differently.
            return answer(request, *gaps.values())

        return answered

    return decorate


def _without_format(request: HttpRequest) -> HttpRequest:
    if "format" in request.GET:
        others = request.GET.copy()
        del others["format"]
        request.GET = others  # type: ignore[assignment]  # The stubs know a query only as it comes.
    return request
