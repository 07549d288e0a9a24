using System.CommandLine;
using Flotilla.NodeAgent.Host;

var root = new RootCommand("One node of a cluster: kubelet, service proxy and cluster DNS.")
{
    ImageCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
