"""The API of partnerships: the law, agreements, their schemes and their pools."""

from partnerships.api import agreements, law, pools, schemes

urlpatterns = [
    *law.urlpatterns,
    *agreements.urlpatterns,
    *schemes.urlpatterns,
    *pools.urlpatterns,
]
