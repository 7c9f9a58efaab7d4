from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "pooledcare.directory"
    verbose_name = "Directory"
