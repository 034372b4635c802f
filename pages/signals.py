from analytics.app.page import page
from analytics.app.signals import Signals

page(Signals())
