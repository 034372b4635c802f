from analytics.app.dictionary import Dictionary
from analytics.app.page import page

page(Dictionary())
