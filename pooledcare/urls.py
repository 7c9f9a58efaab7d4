"""All routes of the site."""

from __future__ import annotations

from django.urls import include, path

from pooledcare import api, health, pages, views

handler400 = "pooledcare.views.bad_request"
handler403 = "pooledcare.views.forbidden"
handler404 = "pooledcare.views.not_found"
handler429 = "pooledcare.views.too_many"
handler500 = "pooledcare.views.server_error"

urlpatterns = [
    path("", include("budgets.urls")),
    path("", include("partnerships.urls")),
    path("", include("pooledcare.directory.urls")),
    path("uploads/", include("pooledcare.uploads.urls")),
    path("api/", include((api.urlpatterns, "api"))),
    path("account/", include("pooledcare.directory.account_urls")),
    path("", include(health.urlpatterns)),
    path("", include(([*pages.urlpatterns, *views.urlpatterns], "site"))),
]
