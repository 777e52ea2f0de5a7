import { defineConfig } from 'vite'

/** The files are published with the server. It serves `index.html` at `/` and everything else under `/page/`. */
export default defineConfig({
  base: './',
  resolve: { conditions: ['@shop/source', 'module', 'browser', 'production'] },
  build: {
    emptyOutDir: true,
    license: { fileName: 'licences.json' },
    assetsDir: 'page',
    // The server's Content-Security-Policy allows only files of this server.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:3000', '/metrics': 'http://127.0.0.1:3000' } },
})
