using System.CommandLine;
using Flotilla.ClusterCore.Hosting;
using Flotilla.NodeAgent.Host;

ProcessMemory.ShareArena();

// Every subcommand of nodeagent.
var root = new RootCommand("One node of a cluster: kubelet, service proxy and cluster DNS.")
{
    RunCommand.Create(),
    ImageCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = null });
