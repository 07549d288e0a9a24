using Flotilla.Portal.Cli;

return await Cli.OnTerminal().RunAsync(args, CancellationToken.None);
