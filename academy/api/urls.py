"""The API's addresses. Mounted by one line: `path("api/v1/", include("academy.api.urls"))`."""

from django.urls import path

from academy.api import docs
from academy.api.v1 import finished, operations

app_name = "api"  # its names are its own: `course` is the page, `api:course` the operation

urlpatterns = [
    path("openapi.json", finished(docs.document), name="openapi"),
    path("docs", finished(docs.page), name="api-docs"),
    *operations(),
]
