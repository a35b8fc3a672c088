import HoldfastServer

await ServerMain.run()
