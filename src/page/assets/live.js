// Makes the page live: its clocks tick, new documents appear, and its forms lose nothing.
import { clocks } from './clocks.js'
import { askInDialog } from './dialog.js'
import { askFirst, keepText, openForm, sendByKey, showFault } from './forms.js'
import { liveList } from './list.js'

clocks()
liveList()
showFault()
openForm()
askInDialog()
for (const form of document.forms) if (form.method === 'post') askFirst(form)
for (const field of document.querySelectorAll('textarea')) {
  sendByKey(field)
  keepText(field)
}
