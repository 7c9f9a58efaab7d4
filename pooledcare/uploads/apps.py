from django.apps import AppConfig


class UploadsConfig(AppConfig):
    name = "pooledcare.uploads"
    verbose_name = "Uploads"
