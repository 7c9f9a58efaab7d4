"""The ground floor: money, periods, problems, tables and charts. It knows no noun of any app and has no models."""
