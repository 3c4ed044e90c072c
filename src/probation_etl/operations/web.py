"""Asks for or sends something over the web, and says in few words why it could not."""

from __future__ import annotations

import ssl
from http.client import HTTPException
from socket import gaierror
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from probation_etl.operations.addresses import WebAddress
from probation_etl.operations.events import NotTold
from probation_etl.version import VERSION

_TIMEOUT = 10.0


def get(address: WebAddress) -> None:
    """Asks for an address. What it answers is not read.

    Raises:
        NotTold: It does not answer, or not well.
    """
    _call(Request(address.url, method="GET"), address)  # noqa: S310 -- WebAddress takes http and https alone


def post(address: WebAddress, document: str) -> None:
    """Sends a JSON document.

    Raises:
        NotTold: It does not answer, or not well.
    """
    headers = {"Content-Type": "application/json; charset=utf-8"}
    _call(Request(address.url, document.encode(), headers, method="POST"), address)  # noqa: S310 -- see get


def _call(request: Request, address: WebAddress) -> None:
    request.add_header("User-Agent", f"probation-etl/{VERSION}")
    if address.authorization:
        # Not sent along to where the server may redirect.
        request.add_unredirected_header("Authorization", address.authorization)
    try:
        with urlopen(request, timeout=_TIMEOUT):  # noqa: S310 -- see get
            pass
    except HTTPError as error:
        error.close()
        raise NotTold(f"it answered with {error.code}") from None
    except URLError as error:
        raise NotTold(_why(error.reason)) from None
    except (OSError, HTTPException) as error:
        raise NotTold(_why(error)) from None


def _why(error: object) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {_TIMEOUT:.0f} seconds"
    if isinstance(error, gaierror):
        return "its host is not known"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    if isinstance(error, ssl.SSLError):
        return "no encrypted connection could be made"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "its answer makes no sense"
