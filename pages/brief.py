from analytics.app.brief import Storyline
from analytics.app.page import page

page(Storyline())
