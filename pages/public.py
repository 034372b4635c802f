from analytics.app.page import page
from analytics.app.public import Publication

page(Publication(), needs=("petitions",))
