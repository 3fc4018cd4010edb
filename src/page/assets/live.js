// Makes the page live: its clocks tick, new documents appear, and its forms lose nothing.
import { clocks } from './clocks.js'
import { askFirst, showFault } from './forms.js'
import { liveList } from './list.js'

clocks()
liveList()
showFault()
for (const form of document.querySelectorAll('form')) askFirst(form)
