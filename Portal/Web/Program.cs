using Flotilla.Portal.Web.Hosting;

return await PortalCommands.RunAsync(args);
