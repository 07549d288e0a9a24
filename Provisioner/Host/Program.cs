using Flotilla.Provisioner.Host.Commands;

return await ProvisionerCommands.RunAsync(args);
