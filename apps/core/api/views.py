"""What every address of the API has in common."""

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from apps.core.api.parameters import check_known, one_of

ONE_FORMAT = ("json",)


class ApiView(APIView):
    """Refuses what an address does not know before anything is read or written: a call is never taken for another.

    Of the methods that take parameters the view checks them itself; others take none, but `format` where they read.
    """

    takes_parameters: tuple[str, ...] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = "GET" if request.method == "HEAD" else str(request.method)
        # A method that is not there is refused as such, whatever else is wrong.
        if method in (*self.takes_parameters, "OPTIONS") or not hasattr(self, method.lower()):
            return
        check_known(request.GET, ("format",) if method == "GET" else ())
        one_of(request.GET, "format", ONE_FORMAT)
