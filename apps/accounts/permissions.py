"""What an account or a token may do. Reading is public."""

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.models import Scope, Token


class MayDispatch(BasePermission):
    """Asking for runs needs an account; a token needs the scope `dispatch`."""

    message = "Asking for runs needs an account: log in, or send a token that has the scope `dispatch`."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE_METHODS:
            return True
        return has_scope(request, Scope.DISPATCH)


class MaySubmit(BasePermission):
    """Sending results in needs an account; a token needs the scope `submit`."""

    message = "Sending results in needs an account: log in, or send a token that has the scope `submit`."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE_METHODS:
            return True
        return has_scope(request, Scope.SUBMIT)


class MayManageAgents(BasePermission):
    """Registering and managing agents needs an account; a token needs the scope `agents`."""

    message = "Managing agents needs an account: log in, or send a token that has the scope `agents`."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE_METHODS:
            return True
        return has_scope(request, Scope.AGENTS)


class MayAdminister(BasePermission):
    message = "This needs an administrator: a staff account, and with a token the scope `admin`."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE_METHODS:
            return True
        return is_administrator(request)


class MaySeeTokens(BasePermission):
    """One's own tokens: a log-in, or a token that may read. What ends one looks at the token itself."""

    message = "Your tokens are for you alone: log in, or send a token that has the scope `read`."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE_METHODS:
            return has_scope(request, Scope.READ)
        return bool(request.user.is_authenticated)


class MayMakeTokens(BasePermission):
    """A token that makes others would live on after its end, so it needs the scope `admin`."""

    message = "Making a token needs a log-in, or a token that has the scope `admin`."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or has_scope(request, Scope.ADMIN)


def is_administrator(request: Request) -> bool:
    """A staff account, and with a token the scope `admin`."""
    return bool(getattr(request.user, "is_staff", False)) and has_scope(request, Scope.ADMIN)


def has_scope(request: Request, scope: Scope) -> bool:
    """A browser session may do what its user may; a token only what its scopes say."""
    if not request.user.is_authenticated:
        return False
    return not isinstance(request.auth, Token) or str(scope) in request.auth.scopes
