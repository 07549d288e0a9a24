using System.Net;

namespace Flotilla.NodeAgent.Network.Dns.Messages;

internal abstract record DnsRecord(string Name, DnsType Type, int TimeToLive)
{
    public abstract void WriteData(DnsWriter writer);
}

internal sealed record AddressRecord(string Name, IPAddress Address, int TimeToLive)
    : DnsRecord(Name, Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? DnsType.A : DnsType.AAAA, TimeToLive)
{
    public override void WriteData(DnsWriter writer) => writer.Bytes(Address.GetAddressBytes());
}

internal sealed record NameRecord(string Name, DnsType Type, string Target, int TimeToLive) : DnsRecord(Name, Type, TimeToLive)
{
    public override void WriteData(DnsWriter writer) => writer.Name(Target);
}

internal sealed record ServiceRecord(string Name, int Priority, int Weight, int Port, string Target, int TimeToLive)
    : DnsRecord(Name, DnsType.SRV, TimeToLive)
{
    public override void WriteData(DnsWriter writer)
    {
        writer.UInt16(Priority);
        writer.UInt16(Weight);
        writer.UInt16(Port);
        // RFC 2782: the target of a SRV record is not compressed.
        writer.Name(Target, compress: false);
    }
}

internal sealed record TextRecord(string Name, string Text, int TimeToLive) : DnsRecord(Name, DnsType.TXT, TimeToLive)
{
    public override void WriteData(DnsWriter writer)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(Text);
        writer.UInt8(bytes.Length);
        writer.Bytes(bytes);
    }
}

/// <param name="Minimum">How long a "no" may be kept (RFC 2308), seconds.</param>
internal sealed record AuthorityRecord(string Name, string Primary, string Mailbox, uint Serial, int Minimum, int TimeToLive)
    : DnsRecord(Name, DnsType.SOA, TimeToLive)
{
    private const int Refresh = 7200;
    private const int Retry = 1800;
    private const int Expire = 86400;

    public override void WriteData(DnsWriter writer)
    {
        writer.Name(Primary);
        writer.Name(Mailbox);
        writer.UInt32(Serial);
        writer.UInt32(Refresh);
        writer.UInt32(Retry);
        writer.UInt32(Expire);
        writer.UInt32((uint)Minimum);
    }
}
