from analytics.app.explore import Explorer
from analytics.app.page import page

page(Explorer())
