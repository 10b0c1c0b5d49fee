from services.eligibility.app import APP
from shared.hosting import serve

serve(APP)
