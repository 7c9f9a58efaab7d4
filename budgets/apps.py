from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "budgets"
    verbose_name = "Budgets"

    def ready(self) -> None:
        from budgets.allocations import kind
        from partnerships.tabs import TABS, Tab

        kind.register()
        TABS.insert(2, Tab("Money", "budgets:agreement-money", partners_only=True))
