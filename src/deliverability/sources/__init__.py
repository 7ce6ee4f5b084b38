"""Where answers come from. Only this package touches the network, the clock, threads or an event loop."""
