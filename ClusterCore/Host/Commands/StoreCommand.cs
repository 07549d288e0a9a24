using System.CommandLine;

namespace Flotilla.ClusterCore.Host.Commands;

/// <summary><c>clustercore store</c>: the store alone, and what can be done to its files.</summary>
internal static class StoreCommand
{
    public static Command Create()
    {
        var command = StoreServeCommand.Create("store", "Serves the store alone, speaking the etcd v3 gRPC API.");
        command.Add(StoreFileCommands.Backup());
        command.Add(StoreFileCommands.Restore());
        command.Add(StoreFileCommands.Status());
        command.Add(StoreFileCommands.Verify());
        command.Add(StoreFileCommands.Repair());
        return command;
    }
}
