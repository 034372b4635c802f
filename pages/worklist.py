from analytics.app.page import page
from analytics.app.queue import Queue
from analytics.catalogue.clocks import CLOCKS

page(Queue("待办：今天要做什么", CLOCKS))
