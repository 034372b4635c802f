from analytics.app.changes import Changes
from analytics.app.page import page

page(Changes())
