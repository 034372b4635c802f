from analytics.app.lookup import Lookup
from analytics.app.page import page

page(Lookup(), needs=("petitions",))
