"""One POST to an address of the user's own: no redirect is followed, and only its host is ever repeated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


def post(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> str:
    """Why it did not arrive; empty when it did."""
    import http.client
    import urllib.error
    import urllib.request

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    host = urlsplit(url).hostname
    asked = urllib.request.Request(url, data=body, headers={"User-Agent": "swarmctl", **headers}, method="POST")
    try:
        with urllib.request.build_opener(Stay).open(asked, timeout=timeout_s):
            return ""
    except urllib.error.HTTPError as error:
        with error:
            return f"{host} answers {error.code}"
    except TimeoutError:
        return f"{host} gives no answer within {timeout_s:g} s"
    except urllib.error.URLError as error:
        late = isinstance(error.reason, TimeoutError)
        reason = getattr(error.reason, "strerror", None) or type(error.reason).__name__
        return f"{host} gives no answer within {timeout_s:g} s" if late else f"{host}: {reason}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{host}: {type(error).__name__}"
