using System.CommandLine;
using Flotilla.ClusterCore.Host.Commands;
using Flotilla.ClusterCore.Host.Serving;
using Flotilla.ClusterCore.Hosting;

ProcessMemory.ShareArena();

// Every subcommand of clustercore.
var root = new RootCommand("One Kubernetes control plane: API server, store, scheduler and controllers.")
{
    ServeCommand.Create(),
    StoreCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });
