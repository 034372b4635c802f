from analytics.app.annual import Annual
from analytics.app.page import page

page(Annual())
