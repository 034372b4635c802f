from analytics.app.auditlog import AuditLog
from analytics.app.page import page

page(AuditLog())
