using System.CommandLine;
using Flotilla.NodeAgent.Host;

// Every subcommand of nodeagent.
var root = new RootCommand("One node of a cluster: kubelet, service proxy and cluster DNS.")
{
    RunCommand.Create(),
    ImageCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = null });
