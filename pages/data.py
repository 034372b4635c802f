from analytics.app.coverage import Coverages, Imports
from analytics.app.importing import Importer
from analytics.app.page import page

page(Coverages(), Importer(), Imports())
