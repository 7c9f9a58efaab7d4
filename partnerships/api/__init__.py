"""The API of partnerships, by noun: the law, agreements, their schemes and their pools."""

from partnerships.api import law

urlpatterns = [*law.urlpatterns]
