import { render } from 'preact'
import { App } from './app.js'
import './style/base.css'
import './style/parts.css'
import './style/pages.css'
import './style/drops.css'
import './style/books.css'
import './style/lab.css'
import './style/catalog.css'

const place = document.getElementById('app')
if (place) render(<App />, place)
