from analytics.app.methods import Methods
from analytics.app.page import page

page(Methods())
