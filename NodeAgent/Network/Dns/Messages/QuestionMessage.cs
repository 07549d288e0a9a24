namespace Flotilla.NodeAgent.Network.Dns.Messages;

/// <summary>A query of our own, as bytes.</summary>
internal static class QuestionMessage
{
    private const int RecursionDesired = 0x0100;

    public static byte[] Encode(DnsQuery query)
    {
        var buffer = new byte[512];
        var writer = new DnsWriter(buffer);
        writer.UInt16(query.Id);
        writer.UInt16(query.RecursionDesired ? RecursionDesired : 0);
        writer.UInt16(1);
        writer.UInt16(0);
        writer.UInt32(0);
        writer.Name(query.Name);
        writer.UInt16((int)query.Type);
        writer.UInt16(query.Class);
        return buffer[..writer.Length];
    }
}
