using Flotilla.TestKit;

namespace Flotilla.Robustness.Faults;

/// <summary>What becomes of one etcd member.</summary>
public enum MemberFault { Killed, Paused, CutOff }

internal static class MemberFaults
{
    public static void Strike(this MemberFault fault, EtcdServer etcd, int member)
    {
        switch (fault)
        {
            case MemberFault.Killed:
                etcd.Kill(member);
                break;
            case MemberFault.Paused:
                etcd.Pause(member);
                break;
            default:
                etcd.CutOff(member);
                break;
        }
    }

    public static void Heal(this MemberFault fault, EtcdServer etcd, int member)
    {
        switch (fault)
        {
            case MemberFault.Killed:
                etcd.Start(member);
                break;
            case MemberFault.Paused:
                etcd.Resume(member);
                break;
            default:
                etcd.Rejoin(member);
                break;
        }
    }
}
