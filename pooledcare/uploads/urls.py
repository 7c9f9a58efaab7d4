"""Addresses of the upload pages, below /uploads/."""

from __future__ import annotations

from django.urls import path

from pooledcare.uploads import publication_views, views
from pooledcare.uploads.asking import views as asking
from pooledcare.uploads.saved_layouts import views as layouts

app_name = "uploads"

urlpatterns = [
    path("", views.upload_list, name="upload-list"),
    path("new/", views.upload_create, name="upload-create"),
    path("templates/<slug:kind>.<slug:form>", views.template_download, name="template-download"),
    path("samples/<str:name>", views.sample_download, name="sample-download"),
    path("layouts/", layouts.layout_list, name="layout-list"),
    path("layouts/<str:reference>/", layouts.layout_detail, name="layout-detail"),
    path("layouts/<str:reference>/share/", layouts.layout_share, name="layout-share"),
    path("layouts/<str:reference>/unshare/", layouts.layout_unshare, name="layout-unshare"),
    path("layouts/<str:reference>/retire/", layouts.layout_retire, name="layout-retire"),
    path("<str:reference>/", views.upload_detail, name="upload-detail"),
    path("<str:reference>/progress/", views.upload_progress, name="upload-progress"),
    path("<str:reference>/accept/", views.upload_accept, name="upload-accept"),
    path("<str:reference>/publish/", publication_views.upload_publish, name="upload-publish"),
    path("<str:reference>/date/", publication_views.upload_date, name="upload-date"),
    path("<str:reference>/abandon/", views.upload_abandon, name="upload-abandon"),
    path("<str:reference>/retry/", views.upload_retry, name="upload-retry"),
    path("<str:reference>/encoding/", views.upload_encoding, name="upload-encoding"),
    path("<str:reference>/layout/", asking.layout_question, name="layout-question"),
    path("<str:reference>/layout/choose/", asking.layout_choose, name="layout-choose"),
    path("<str:reference>/layout/<int:number>/", asking.layout_sheet, name="layout-sheet"),
    path("<str:reference>/reverse/", views.upload_reverse, name="upload-reverse"),
    path("<str:reference>/problems.csv", views.upload_problems, name="upload-problems"),
    path("<str:reference>/marked", views.upload_marked, name="upload-marked"),
    path("<str:reference>/file", views.upload_file, name="upload-file"),
    path("<str:reference>/<slug:table>.<slug:form>", views.upload_lines, name="upload-lines"),
]
