"""The API of money."""

from budgets.api import allocations

urlpatterns = [*allocations.urlpatterns]
