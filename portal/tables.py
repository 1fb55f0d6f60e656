"""Every table, imported for those who need the whole schema."""

# ruff: noqa: F401 (imported for the tables they define)
from portal import jobs, mail, schedule, uploads, worker
from portal.accounts import models as accounts
from portal.activity import models as activity
from portal.auth import keys, seeing
from portal.auth import models as auth
from portal.calls import models as calls
from portal.criteria import models as criteria
from portal.db import Base
from portal.desk import models as desk
from portal.escalations import models as escalations
from portal.handoffs import models as handoffs
from portal.handoffs import preview
from portal.health import models as health
from portal.messages import models as messages
from portal.notifications import models as notifications
from portal.notifications import notices
from portal.nudges import models as nudges
from portal.onboardings import models as onboardings
from portal.onboardings import notes, signals, steps, visits, waves
from portal.plans import models as plans
from portal.playbooks import models as playbooks
from portal.readiness import asks, prerequisite_asking
from portal.readiness import models as readiness
from portal.scope import models as scope
from portal.usage import models as usage

metadata = Base.metadata
