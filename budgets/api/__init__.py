"""The API of money."""

from budgets.api import allocations, contributions

urlpatterns = [*allocations.urlpatterns, *contributions.urlpatterns]
