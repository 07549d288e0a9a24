using System.Diagnostics;
using System.Globalization;

namespace Flotilla.TestKit;

/// <summary>
/// A network namespace for each of some members, joined by a bridge that this process reaches too, so that one can be cut
/// off. It ends with the process that made it, however that ends, because its shell waits for the end of standard input.
/// </summary>
internal sealed class EtcdNetwork : IAsyncDisposable
{
    private static int made;
    private readonly string name;
    private readonly string subnet;
    private readonly Process shell;

    private EtcdNetwork(string name, string subnet, Process shell) => (this.name, this.subnet, this.shell) = (name, subnet, shell);

    /// <summary>Addresses of 198.18.0.0/15, which is set aside for tests of networks.</summary>
    public static async Task<EtcdNetwork> MakeAsync(int members)
    {
        var number = Interlocked.Increment(ref made);
        var name = string.Create(CultureInfo.InvariantCulture, $"fe{Environment.ProcessId}{(char)('a' + (number % 26))}");
        var subnet = string.Create(CultureInfo.InvariantCulture, $"198.{18 + (number % 2)}.{Environment.ProcessId % 256}");
        var script = $$"""
            set -e
            ip link add {{name}} type bridge
            ip address add {{subnet}}.1/24 dev {{name}}
            ip link set {{name}} up
            for i in $(seq 0 {{members - 1}}); do
              ip netns add {{name}}-$i
              ip link add {{name}}-$i type veth peer name eth0 netns {{name}}-$i
              ip link set {{name}}-$i master {{name}} up
              ip -n {{name}}-$i address add {{subnet}}.$((10 + i))/24 dev eth0
              ip -n {{name}}-$i link set eth0 up
              ip -n {{name}}-$i link set lo up
            done
            echo made
            cat >/dev/null
            set +e
            for i in $(seq 0 {{members - 1}}); do ip netns delete {{name}}-$i; done
            ip link delete {{name}}
            """;
        var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        return await shell.StandardOutput.ReadLineAsync() == "made"
            ? new(name, subnet, shell)
            : throw new InvalidOperationException($"the network {name} could not be made");
    }

    public string Address(int member) => string.Create(CultureInfo.InvariantCulture, $"{subnet}.{10 + member}");

    public string Namespace(int member) => string.Create(CultureInfo.InvariantCulture, $"{name}-{member}");

    /// <summary>Nothing gets to the member or away from it; nobody is told.</summary>
    public void CutOff(int member) => Set(member, "down");

    public void Rejoin(int member) => Set(member, "up");

    public async ValueTask DisposeAsync()
    {
        shell.StandardInput.Close();
        await shell.WaitForExitAsync();
        shell.Dispose();
    }

    private void Set(int member, string state)
    {
        using var ip = Process.Start("ip", ["link", "set", Namespace(member), state]);
        ip.WaitForExit();
    }
}
