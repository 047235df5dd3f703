"""A mail server: SMTP on port 25, POP3 on 110 and over TLS on 995, IMAP on 143 and over TLS on 993.

mail.py [NAME]
"""

from functools import partial

import imap
import pop3
import smtp
from lines import certificate, forever, name, serve
from mails import Mailbox

BOX, TLS = Mailbox(), certificate(name())
serve(25, partial(smtp.talk, box=BOX))
for port, talk in ((110, pop3.talk), (143, imap.talk)):
    serve(port, partial(talk, box=BOX))
for port, talk in ((995, pop3.talk), (993, imap.talk)):
    serve(port, partial(talk, box=BOX), TLS)
forever()
